"""Sign the advisories that travel with Assaymark.

    python tools/sign_advisories.py KEY.pem            sign with the key whose public half is in the package
    python tools/sign_advisories.py KEY.pem --new-key  sign with another one and publish its public half

KEY.pem is an unencrypted Ed25519 key in PEM form that nobody else can read; `openssl genpkey -algorithm
ed25519` makes one. It never belongs in the repository. Every record is read by Assaymark's own reader before
anything is signed.
"""

import argparse
import base64
import json
from pathlib import Path

from assaymark.ledger.keys import load_key, public_bytes
from assaymark.vulnerability import overlay
from assaymark.vulnerability.advisory import parsed

DATA = Path(overlay.__file__).with_name("data")


def main() -> None:
    """Check, sign, verify."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("key", type=Path)
    options.add_argument("--new-key", action="store_true", help="publish the public half of another key")
    options.add_argument("--data", type=Path, default=DATA, help="folder of overlay.json")
    chosen = options.parse_args()
    data = (chosen.data / "overlay.json").read_bytes()
    records = json.loads(data)["advisories"]
    for record in records:
        found = parsed(json.dumps(record).encode())
        if not (found.affected and found.modified and found.published):
            raise SystemExit(f"{found.id} names no package that is read, or no day; nothing was signed")
    key = load_key(chosen.key)
    public, place = public_bytes(key).hex(), chosen.data / "overlay.pub"
    if not chosen.new_key and place.read_text(encoding="ascii").strip() != public:
        raise SystemExit(f"{place} holds another key; say --new-key if a new one is meant to be published")
    signature = base64.b64encode(key.sign(overlay.CONTEXT + data)).decode()
    overlay.verified(data, signature, public)
    place.write_text(f"{public}\n", encoding="ascii")
    (chosen.data / "overlay.json.sig").write_text(f"{signature}\n", encoding="ascii")
    print(f"signed {len(records)} advisories with key {public[:16]}…")


if __name__ == "__main__":
    main()
