INSERT INTO labels (site, name, name_key, colour, topic, created_at) VALUES
  ('', 'Nujno & <b>', 'nujno & <b>', 'red', 'orders', 1760000000000),
  ('gone', 'Straße', 'strasse', 'blue', NULL, 1760000000000);
INSERT INTO conversation_labels (conversation_id, label_id, agent_id, created_at) VALUES
  ('bot', 1, 1, 1760000000000),
  ('done', 2, NULL, 1760000000000);
