"""Harbour Council enquiry assistant."""
