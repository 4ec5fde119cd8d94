# What scripts/soak sampled, judged: a row for each resource; exit code 1 if one grows. `scripts/soak --help` says why so.
# A line: seconds of the run, number of the process, its age in seconds, resident KiB, threads, descriptors, round (0: not
# counted). Judged is the process that lived to the end; the most is that of all.

function larger(a, b) { return b > a ? b : a }

# The values FROM to TO of a list, in order: sorted[1], sorted[2], …
function sort(of, from, to,    i, j) {
    for (i = from; i <= to; i++) {
        for (j = i - from; j >= 1 && sorted[j] > of[i]; j--) sorted[j + 1] = sorted[j]
        sorted[j + 1] = of[i]
    }
    return to - from + 1
}

function median(of, from, to,    count) {
    count = sort(of, from, to)
    return (sorted[int((count + 1) / 2)] + sorted[int(count / 2) + 1]) / 2
}

# Theil and Sen: the median of the slopes between any two rounds. Its bounds are those slopes that Kendall's test would not
# reject at 5 % on either side.
function theil_sen(    i, j, pairs, slopes, low) {
    for (j = 2; j <= rounds; j++)
        for (i = 1; i < j; i++)
            slopes[++pairs] = (least[j] - least[i]) / (at[j] - at[i])
    slope = median(slopes, 1, pairs)
    low = int((pairs - 1.645 * sqrt(rounds * (rounds - 1) * (2 * rounds + 5) / 18)) / 2)
    low = larger(1, low)
    slope_from = sorted[low]
    slope_to = sorted[pairs + 1 - low]
}

function least_squares(    i, hours, mean_h, mean_m, hh, hm) {
    for (i = 1; i <= samples; i++) {
        mean_h += hour[i] / samples
        mean_m += memory[i] / samples
    }
    for (i = 1; i <= samples; i++) {
        hours = hour[i] - mean_h
        hh += hours ^ 2
        hm += hours * (memory[i] - mean_m)
    }
    return hm / hh
}

function more(of,    quarter) {
    quarter = int(samples / 4)
    return median(of, samples - quarter + 1, samples) - median(of, 1, quarter)
}

function row(what, measured, bound, verdict) {
    printf "| %-16s | %-30s | %-28s | %-4s |\n", what, measured, bound, verdict
    if (verdict == "FAIL") bad = 1
}

function judged(good) { return good ? "ok" : "FAIL" }

BEGIN { FS = "," }
{
    mb = $4 * 1.024e-3
    most_memory = larger(most_memory, mb)
    most_threads = larger(most_threads, $5)
    most_files = larger(most_files, $6)
}
$2 != life { life = $2; samples = rounds = round = 0 }
$7 && !rounds { samples = 0 } # what was before the first round does not count
$7 && $7 != round { round = $7; least[++rounds] = mb; at[rounds] = $1 / 3600 }
$7 && mb < least[rounds] { least[rounds] = mb; at[rounds] = $1 / 3600 }
$3 >= 20 { samples++; hour[samples] = $1 / 3600; memory[samples] = mb; threads[samples] = $5; files[samples] = $6 }
END {
    if (rounds >= 4) {
        theil_sen()
        measured = sprintf("%+.2f MB/h (%+.2f to %+.2f)", slope, slope_from, slope_to)
        row("resident memory", measured, "less than 1 MB/h", judged(slope < 1))
        row("  least squares", sprintf("%+.2f MB/h", least_squares()), "not judged: steps count", "")
        row("  at most", sprintf("%.1f MB", most_memory), "not judged", "")
    } else
        row("resident memory", sprintf("%.1f MB at most", most_memory), "150 MB: too few rounds", judged(most_memory <= 150))
    if (samples < 8) {
        row("threads, files", "too few samples", "8", "FAIL")
    } else {
        grown = more(threads)
        row("threads", sprintf("%+d, %d at most", grown, most_threads), "+2", judged(grown <= 2))
        grown = more(files)
        row("descriptors", sprintf("%+d, %d at most", grown, most_files), "+2", judged(grown <= 2))
    }
    exit bad
}
