"""One loader a format: bytes to text, title, metadata, headings and page starts."""
