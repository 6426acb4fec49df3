INSERT INTO fields (about, kind, site, name, name_key, choices, required, position, archived_at, created_at) VALUES
  ('customer', 'choice', '', 'Paket', 'paket', '["Zlati", "Srebrni"]', FALSE, 1, NULL, 1760000000000),
  ('conversation', 'text', 'demo', 'Naročilo', 'naročilo', NULL, TRUE, 2, 1760000001000, 1760000000000);
INSERT INTO field_values (conversation_id, field_id, value, folded, agent_id, updated_at) VALUES
  ('done', 1, 'Zlati', 'zlati', 1, 1760000000000);
