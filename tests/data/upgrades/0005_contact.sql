UPDATE conversations SET name = 'Žiga "Žižek" <z@x>', email = 'ziga@kupec.example' WHERE id = 'bot';
INSERT INTO conversations
  (id, site, language, status, epoch, last_seq, created_at, updated_at, channel, name, email, customer, verified, browser,
   attributes) VALUES
  ('known', 'demo', 'hr', 'bot', 0, 1, 1760000000000, 1760000000000, 'widget', 'Ivana', 'ivana@kupac.example', 'k-77',
   TRUE, '{"device": "Safari on iOS", "time_zone": "Europe/Zagreb", "title": "</title>"}', '{"plan": "gold", "orders": 12}');
INSERT INTO messages (conversation_id, seq, sender, internal, client_id, text, html, created_at) VALUES
  ('known', 1, 'customer', FALSE, 'g1', 'Dobar dan', '<p>Dobar dan</p>', 1760000000000);
