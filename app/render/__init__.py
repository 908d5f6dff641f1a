"""Text in, values out: Markdown blocks, inline spans, code colours, formulas. No Qt, no files, no network."""
