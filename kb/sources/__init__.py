"""Where knowledge comes from: articles, as files, read, checked, cut, written."""
