UPDATE duties SET wants_mail = TRUE WHERE agent_id = 1;
INSERT INTO letters
  (kind, conversation_id, agent_id, recipient, seq, message_id, status, attempts, due_at, error, created_at, finished_at)
  VALUES
  ('overdue', 'ticket', 1, 'ana@smreka.example', NULL, '<3@smreka.example>', 'waiting', 0, 1760000500000, NULL,
   1760000400000, NULL),
  ('transcript', 'done', NULL, 'x@kupec.example', 3, '<4@smreka.example>', 'sent', 1, 1759900010000, NULL, 1759900010000,
   1759900011000);
INSERT INTO conversations (id, site, language, status, epoch, last_seq, created_at, updated_at) VALUES
  ('merged', 'demo', 'sl', 'resolved', 2, 1, 1760000000000, 1760000002000);
INSERT INTO messages (conversation_id, seq, sender, internal, client_id, text, html, created_at) VALUES
  ('merged', 1, 'customer', FALSE, 'l1', 'Še enkrat jaz', '<p>Še enkrat jaz</p>', 1760000000000);
INSERT INTO merges (conversation_id, into_id, agent_id, at) VALUES ('merged', 'mine', 1, 1760000002000);
