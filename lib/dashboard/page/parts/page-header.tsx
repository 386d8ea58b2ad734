import { useState } from 'preact/hooks';
import type { ConnectionState } from '../state/connection.js';
import type { LiveState } from '../state/live-state.js';
import { chooseTheme, currentTheme } from '../state/theme.js';
import { VIEWS, type View } from '../state/use-route.js';

/** Moves the focus to the view, past the header. */
export function focusContent(): void {
  document.getElementById('main')?.focus();
}

const STATES: Readonly<Record<ConnectionState, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Disconnected',
  refused: 'No access',
};

interface PageHeaderProps {
  readonly view: View;
  readonly state: LiveState;
  readonly connection: ConnectionState;
}

export function PageHeader({ view, state, connection }: PageHeaderProps) {
  const { process } = state;
  return (
    <header class="top">
      <button type="button" class="skip" onClick={focusContent}>
        Skip to the content
      </button>
      <div class="brand">
        <Logo />
        <span>Tasks</span>
      </div>
      <nav aria-label="Views">
        {Object.entries(VIEWS).map(([name, title]) => (
          <a
            key={name}
            href={`#${name}`}
            aria-current={name === view ? 'page' : undefined}
          >
            {title}
          </a>
        ))}
      </nav>
      <div class="where">
        {process && (
          <span class="process" title={`Node.js ${process.node}`}>
            <span class="hidden">This process: </span>
            {process.host} · {process.pid}
          </span>
        )}
        <span class={`connection ${connection}`} role="status">
          <i aria-hidden="true" />
          {STATES[connection]}
        </span>
        <ThemeButton />
      </div>
    </header>
  );
}

function ThemeButton() {
  const [theme, setTheme] = useState(currentTheme);
  const other = theme === 'dark' ? 'light' : 'dark';
  const change = () => {
    chooseTheme(other);
    setTheme(other);
  };
  return (
    <button
      type="button"
      class="icon"
      onClick={change}
      aria-label={`Use the ${other} theme`}
      title={`Use the ${other} theme`}
    >
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
        {theme === 'dark' ? (
          <path
            d="M10 5.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM10 1v2m0 14v2M1 10h2m14 0h2M3.6 3.6 5 5m10 10 1.4 1.4m0-12.8L15 5M5 15l-1.4 1.4"
            fill="none"
            stroke="currentColor"
            stroke-width="1.6"
            stroke-linecap="round"
          />
        ) : (
          <path
            d="M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7Z"
            fill="none"
            stroke="currentColor"
            stroke-width="1.6"
            stroke-linejoin="round"
          />
        )}
      </svg>
    </button>
  );
}

function Logo() {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="9" class="logo" />
      <path
        d="M7 10h11M7 16h18M13 22h12"
        stroke="#fff"
        stroke-width="3.2"
        stroke-linecap="round"
      />
    </svg>
  );
}
