"""Parsers for model and data files: an explicit, ordered list."""

from assaymark.scan.artefact.data import accepts_data, scan_data
from assaymark.scan.artefact.drill import accepts_drill, scan_drill
from assaymark.scan.artefact.hashes import accepts_hashes, scan_hashes
from assaymark.scan.artefact.hub_config import accepts_hub_config, scan_hub_config
from assaymark.scan.artefact.model import accepts_model, scan_model
from assaymark.scan.artefact.provenance import accepts_provenance, scan_provenance
from assaymark.scan.scanner import Scanner

__all__ = ["SCANNERS"]

SCANNERS: tuple[Scanner, ...] = (
    Scanner(name="model-file", version=2, accepts=accepts_model, scan=scan_model),
    Scanner(name="hub-config", version=1, accepts=accepts_hub_config, scan=scan_hub_config),
    Scanner(name="data-file", version=1, accepts=accepts_data, scan=scan_data),
    Scanner(name="hash-manifest", version=1, accepts=accepts_hashes, scan=scan_hashes),
    Scanner(name="provenance", version=1, accepts=accepts_provenance, scan=scan_provenance),
    Scanner(name="restore-drill", version=1, accepts=accepts_drill, scan=scan_drill),
)
