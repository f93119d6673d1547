"""Protocol bodies ⇄ segments, as pure functions; edits touch only the strings that change."""
