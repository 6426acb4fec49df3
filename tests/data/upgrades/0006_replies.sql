INSERT INTO saved_replies (shortcut, name, texts, version, updated_by, updated_at) VALUES
  ('hvala', 'Hvala {{name}}', '{"sl": "Hvala, {{customer.name}}!", "en": "Thank you; DROP TABLE agents"}', 4, 1,
   1759999000000);
INSERT INTO held_replies (conversation_id, agent_id, client_id, text, html, undone, send_at) VALUES
  ('mine', 1, 'h1', 'Paczka jest w drodze.', '<p>Paczka jest w drodze.</p>', FALSE, 1760000010000),
  ('mine', 1, 'h2', 'Nie.', '<p>Nie.</p>', TRUE, 1760000010001);
INSERT INTO mentions (conversation_id, seq, agent_id, created_at, read_at) VALUES
  ('mine', 4, 2, 1760000004000, NULL),
  ('mine', 4, 1, 1760000004000, 1760000005000);
