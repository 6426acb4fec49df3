INSERT INTO duties (agent_id, capacity, languages, topics, available, seen_at) VALUES
  (1, 3, '["sl", "pl"]', '["orders"]', TRUE, 1760000004000),
  (2, NULL, NULL, '[]', FALSE, 0);
INSERT INTO conversations (id, site, language, status, epoch, last_seq, created_at, updated_at) VALUES
  ('told', 'demo', 'sl', 'queued', 3, 2, 1760000000000, 1760000700000);
INSERT INTO messages (conversation_id, seq, sender, internal, client_id, text, html, agent_id, created_at) VALUES
  ('told', 1, 'customer', FALSE, 'f1', 'Kdaj dobim odgovor?', '<p>Kdaj dobim odgovor?</p>', NULL, 1760000000000),
  ('told', 2, 'agent', TRUE, NULL, 'Do enih, prosim.', '<p>Do enih, prosim.</p>', 2, 1760000600000);
INSERT INTO handoffs
  (conversation_id, reason, language, status, created_at, topic, promised_at, note_seq, passed_by) VALUES
  ('told', 'requested', 'sl', 'waiting', 1760000700000, 'orders', 1760003600000, 2, 2);
