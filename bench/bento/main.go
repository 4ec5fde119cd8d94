// Bento with what the benchmark needs of it: its Kafka client, its pure functions, and the id of a derived event.
package main

import (
	"context"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/warpstreamlabs/bento/public/bloblang"
	_ "github.com/warpstreamlabs/bento/public/components/kafka"
	_ "github.com/warpstreamlabs/bento/public/components/pure"
	"github.com/warpstreamlabs/bento/public/service"
)

// The name space of derived ids, as in src/ids.rs.
const derived = "6f1d3c1e52b75d0a9a51726576627573"

func main() {
	spec := bloblang.NewPluginSpec().Description("The id of the event that is derived from [tenant, type, id, trigger].")
	err := bloblang.RegisterMethodV2("derived_id", spec, func(*bloblang.ParsedParams) (bloblang.Method, error) {
		return bloblang.ArrayMethod(derivedID), nil
	})
	if err != nil {
		panic(err)
	}
	service.RunCLI(context.Background())
}

// The UUIDv5 of tenant, type, id and trigger, each behind its length, as ids::derived_event_id makes it.
func derivedID(parts []any) (any, error) {
	name, err := hex.DecodeString(derived)
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		text, ok := part.(string)
		if !ok {
			return nil, fmt.Errorf("%v is no string", part)
		}
		name = binary.BigEndian.AppendUint64(name, uint64(len(text)))
		name = append(name, text...)
	}
	id := sha1.Sum(name)
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("evt_%x-%x-%x-%x-%x", id[0:4], id[4:6], id[6:8], id[8:10], id[10:16]), nil
}
