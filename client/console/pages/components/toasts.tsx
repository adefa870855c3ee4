import { dismiss, useNotices } from '../hooks/notices.js';

/** Shows the notices of actions. Screen readers announce them. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-label="Results of actions">
      {useNotices().map(({ id, text, link }) => (
        <p key={id} class="toast">
          <span>{text}</span>
          {link !== undefined && (
            <a href={link.href} onClick={() => dismiss(id)}>
              {link.label}
            </a>
          )}
          <button class="plain" aria-label="Dismiss" onClick={() => dismiss(id)}>
            ✕
          </button>
        </p>
      ))}
    </div>
  );
}
