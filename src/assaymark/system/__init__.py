"""Manifest text → `System`: what is assessed, which roles are held, which conditions hold."""
