INSERT INTO conversations (id, site, language, status, epoch, last_seq, created_at, updated_at) VALUES
  ('again', 'demo', 'en', 'bot', 0, 1, 1760000000000, 1760000002000);
INSERT INTO messages (conversation_id, seq, sender, internal, client_id, text, html, created_at) VALUES
  ('again', 1, 'customer', FALSE, 'm1', 'Try me again', '<p>Try me again</p>', 1760000000000);
INSERT INTO turns (conversation_id, seq, status, epoch, attempts, due_at, created_at, finished_at) VALUES
  ('again', 1, 'waiting', 0, 2, 1760000005000, 1760000000000, NULL);
