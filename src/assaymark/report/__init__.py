"""`Assessment` → text or bytes, one file a format; nothing here touches the outside world."""
