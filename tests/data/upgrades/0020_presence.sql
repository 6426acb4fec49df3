INSERT INTO conversations (id, site, language, status, epoch, last_seq, created_at, updated_at) VALUES
  ('away', 'demo', 'sl', 'queued', 1, 1, 1759990000000, 1759990000000);
INSERT INTO messages (conversation_id, seq, sender, internal, client_id, text, html, created_at) VALUES
  ('away', 1, 'customer', FALSE, 'n1', 'Grem zdaj.', '<p>Grem zdaj.</p>', 1759990000000);
INSERT INTO handoffs
  (conversation_id, reason, language, status, created_at, deferred_to, absence_told_at, after_hours) VALUES
  ('away', 'requested', 'sl', 'waiting', 1759990000000, 1760004400000, 1759990000500, TRUE);
