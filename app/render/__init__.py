"""Text in, values out: Markdown blocks, inline spans, code colours. No Qt, no files, no network."""
