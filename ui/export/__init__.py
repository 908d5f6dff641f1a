"""The process that writes conversations to files: pages of a PDF need Qt."""
