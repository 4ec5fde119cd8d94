"""What a module written in Python does: writes facts, reads commands. Run by interop.rs.

usage: interop.py BOOTSTRAP PREFIX write COUNT          half plain, half in transactions
       interop.py BOOTSTRAP PREFIX read TOPIC COUNT     prints the values, read committed
"""

import json
import sys
import time

from confluent_kafka import Consumer, Producer


def fact(number):
    return {
        "event_id": f"py_{number}",
        "event_type": "pipeline.deal_won",
        "source_module": "pipeline",
        "tenant_id": f"tenant_{number % 3}",
        "timestamp": "2026-01-05T10:00:00Z",
        "payload": {
            "action": "deal_won",
            "data": {
                "deal_id": f"deal_{number % 5}",
                "final_amount": 1000.25,
                "close_date": "2026-01-05",
                "rep_id": "rep_é",
                "account_id": "account_1",
            },
            "metadata": {},
        },
    }


def produce(producer, topic, numbers):
    def delivered(error, _message):
        if error is not None:
            sys.exit(f"not delivered: {error}")

    for number in numbers:
        event = fact(number)
        key = f"{event['tenant_id']}/{event['payload']['data']['deal_id']}"
        producer.produce(topic, key=key, value=json.dumps(event), on_delivery=delivered)
    if producer.flush(30) > 0:
        sys.exit("not all was delivered")


def write(bootstrap, prefix, count):
    topic = f"{prefix}pipeline.deal_won"
    placement = {"bootstrap.servers": bootstrap, "partitioner": "murmur2_random"}
    half = count // 2
    produce(Producer(placement), topic, range(half))
    producer = Producer({**placement, "transactional.id": f"{prefix}python"})
    producer.init_transactions(30)
    producer.begin_transaction()
    produce(producer, topic, range(1000, 1010))
    producer.abort_transaction(30)
    producer.begin_transaction()
    produce(producer, topic, range(half, count))
    producer.commit_transaction(30)


def read(bootstrap, prefix, topic, count):
    consumer = Consumer({
        "bootstrap.servers": bootstrap,
        "group.id": f"{prefix}python",
        "isolation.level": "read_committed",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    })
    consumer.subscribe([prefix + topic])
    values, deadline = [], time.monotonic() + 30
    while len(values) < count and time.monotonic() < deadline:
        message = consumer.poll(0.5)
        if message is not None and message.error() is None:
            values.append(message.value().decode())
    consumer.close()
    print("\n".join(values))


if __name__ == "__main__":
    _, bootstrap, prefix, verb, *arguments = sys.argv
    if verb == "write":
        write(bootstrap, prefix, int(arguments[0]))
    else:
        read(bootstrap, prefix, arguments[0], int(arguments[1]))
