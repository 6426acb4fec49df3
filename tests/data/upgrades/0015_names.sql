INSERT INTO scheduled_replies (conversation_id, agent_id, client_id, text, html, undone, send_at, attachments) VALUES
  ('mine', 1, 'h3', 'Pod novim imenom.', '<p>Pod novim imenom.</p>', FALSE, 1760000010002, NULL);
