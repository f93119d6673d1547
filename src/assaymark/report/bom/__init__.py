"""A bill of materials → CycloneDX and SPDX; what no schema sees; what changed since an earlier one."""
