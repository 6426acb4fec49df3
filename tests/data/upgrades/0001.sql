-- What an installation of version 0.1.0 holds: three people, and conversations in every state. Hostile values are meant.
INSERT INTO agents (email, name, password_hash, role, disabled, created_at) VALUES
  ('ana@smreka.example', 'Ana Kovač', '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA', 'admin', FALSE, 1759000000000),
  ('marek@smreka.example', 'Marek <b>Żółć</b>', 'no hash', 'agent', FALSE, 1759000000001),
  ('gone@smreka.example', 'Robert''); DROP TABLE messages; --', 'no hash', 'agent', TRUE, 1759000000002);
INSERT INTO invitations (token_hash, email, role, created_at, expires_at, used_at) VALUES
  ('invited', 'nova@smreka.example', 'agent', 1759000000000, 1999000000000, NULL),
  ('used', NULL, 'admin', 1758000000000, 1758600000000, 1758100000000);
INSERT INTO sessions (token_hash, agent_id, created_at, expires_at) VALUES
  ('d033e22ae348aeb5660fc2140aec35850c4da997d033e22ae348aeb5660fc214', 1, 1759999000000, 1999000000000);
INSERT INTO conversations
  (id, site, language, page_language, page, status, epoch, last_seq, agent_id, created_at, updated_at) VALUES
  ('bot', 'demo', 'sl', 'sl', 'https://shop.example/?q=%s&x="><script>', 'bot', 0, 3, NULL, 1760000000000, 1760000003000),
  ('first', 'demo', 'hr', NULL, NULL, 'queued', 1, 2, NULL, 1760000000000, 1760000000000),
  ('complaint', 'demo', 'pl', 'pl', NULL, 'queued', 1, 1, NULL, 1760000600000, 1760000600000),
  ('second', 'other', 'en', 'en', NULL, 'queued', 1, 1, NULL, 1760000300000, 1760000300000),
  ('mine', 'demo', 'pl', 'pl', NULL, 'open', 2, 4, 1, 1760000000000, 1760000004000),
  ('done', 'demo', 'en', 'en', NULL, 'resolved', 3, 3, NULL, 1759900000000, 1759900009000);
INSERT INTO handoffs
  (conversation_id, reason, language, status, agent_id, created_at, claimed_at, closed_at) VALUES
  ('first', 'requested', 'hr', 'waiting', NULL, 1760000000000, NULL, NULL),
  ('complaint', 'complaint', 'pl', 'waiting', NULL, 1760000600000, NULL, NULL),
  ('second', 'failed', 'en', 'waiting', NULL, 1760000300000, NULL, NULL),
  ('mine', 'requested', 'pl', 'claimed', 1, 1760000001000, 1760000002000, NULL),
  ('done', 'requested', 'en', 'closed', 2, 1759900001000, 1759900002000, 1759900009000);
INSERT INTO messages
  (conversation_id, seq, sender, internal, client_id, text, html, buttons, answer, considered, agent_id, reply_to,
   created_at) VALUES
  ('bot', 1, 'customer', FALSE, 'a1', 'Kje je moje naročilo? 🧵 %s %(x)s :x \n ''; --', '<p>Kje je moje naročilo?</p>',
   NULL, NULL, NULL, NULL, NULL, 1760000001000),
  ('bot', 2, 'bot', FALSE, NULL, 'Sledite mu tukaj.', '<p>Sledite mu <a href="https://shop.example/">tukaj</a>.</p>',
   '[{"title": "To je pomagalo \ud83d\ude42", "kind": "helped", "intent": "feedback_positive"}]',
   '{"article": "orders/track", "language": "sl", "title": "Sledenje <b>", "confidence": 0.93, "url": "/help/sl/x"}',
   '[{"article": "orders/track", "language": "sl", "title": "Sledenje <b>", "confidence": 0.93}]', NULL, 1, 1760000002000),
  ('bot', 3, 'customer', FALSE, 'a2', 'In koliko stane?', '<p>In koliko stane?</p>', NULL, NULL, NULL, NULL, NULL,
   1760000003000),
  ('first', 1, 'customer', FALSE, 'b1', 'Trebam djelatnika, molim.', '<p>Trebam djelatnika, molim.</p>', NULL, NULL,
   NULL, NULL, NULL, 1760000000000),
  ('first', 2, 'system', FALSE, NULL, 'Prosljeđujemo.', '<p>Prosljeđujemo.</p>', NULL, NULL, NULL, NULL, 1,
   1760000000500),
  ('complaint', 1, 'customer', FALSE, 'c1', 'To jest skandal! ‮abc  end', '<p>To jest skandal!</p>', NULL, NULL, NULL,
   NULL, NULL, 1760000600000),
  ('second', 1, 'customer', FALSE, NULL, 'NULL', '<p>NULL</p>', NULL, NULL, NULL, NULL, NULL, 1760000300000),
  ('mine', 1, 'customer', FALSE, 'd1', 'Proszę o konsultanta.', '<p>Proszę o konsultanta.</p>', NULL, NULL, NULL, NULL,
   NULL, 1760000000000),
  ('mine', 2, 'system', FALSE, NULL, 'Ana is here.', '<p>Ana is here.</p>', NULL, NULL, NULL, NULL, 1, 1760000002000),
  ('mine', 3, 'agent', FALSE, 'd2', 'Już sprawdzam.', '<p>Już sprawdzam.</p>', NULL, NULL, NULL, 1, NULL, 1760000003000),
  ('mine', 4, 'agent', TRUE, 'd3', '{{ 7 * 7 }} ${7*7} look at the parcel', '<p>look at the parcel</p>', NULL, NULL,
   NULL, 1, NULL, 1760000004000),
  ('done', 1, 'customer', FALSE, 'e1', 'Hello, I need somebody.', '<p>Hello, I need somebody.</p>', NULL, NULL, NULL,
   NULL, NULL, 1759900000000),
  ('done', 2, 'agent', FALSE, 'e2', 'Here I am.', '<p>Here I am.</p>', NULL, NULL, NULL, 2, NULL, 1759900003000),
  ('done', 3, 'customer', FALSE, 'e3', '', '', NULL, NULL, NULL, NULL, NULL, 1759900004000);
INSERT INTO turns (conversation_id, seq, status, epoch, button, attempts, created_at, finished_at) VALUES
  ('bot', 1, 'done', 0, NULL, 1, 1760000001000, 1760000002000),
  ('bot', 3, 'running', 0, '{"title": "Da?", "kind": "choice", "article": "no/such"}', 1, 1760000003000, NULL);
