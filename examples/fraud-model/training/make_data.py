"""Makes the small, synthetic table that this example trains on."""

import csv
import random
import sys

COUNTRIES = ("GB", "FR", "DE", "IE")
FIRST = ("Ada", "Bram", "Cleo", "Dev", "Elin", "Femi", "Gus", "Hana", "Ivo", "June")
LAST = ("Abbot", "Brook", "Cairn", "Drake", "Ember", "Frost", "Grove", "Hollow")


def main(path: str) -> None:
    """Write 400 payments to `path`."""
    rng = random.Random(11)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["payment_id", "amount", "country", "hour", "customer_name", "is_fraud"])
        for number in range(400):
            amount = round(rng.lognormvariate(3, 1.2), 2)
            fraud = int(amount > 120 and rng.random() < 0.4)
            name = f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]}"
            writer.writerow([number, amount, rng.choice(COUNTRIES), rng.randrange(24), name, fraud])


if __name__ == "__main__":
    main(sys.argv[1])
