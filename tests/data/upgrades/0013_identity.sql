UPDATE conversations SET consent_at = 1760000000000, consent_text = 'e3b0c442' WHERE id = 'bot';
