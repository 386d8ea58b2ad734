import { report } from './report.js';

interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

const gates = new Map<string, Gate>();

/** Opens gates when the test says so; it does not keep the process alive. */
export function listenForGates(): void {
  process.on('message', ({ open, ping }: { open?: string; ping?: number }) => {
    if (open) gateOf(open).open();
    if (ping) report({ is: 'pong', ping });
  });
  process.channel?.unref();
}

/** Resolves when the test has opened the gate of that name. */
export function gate(name: string): Promise<void> {
  return gateOf(name).opened;
}

function gateOf(name: string): Gate {
  let known = gates.get(name);
  if (!known) {
    let open!: () => void;
    const opened = new Promise<void>((resolve) => (open = resolve));
    known = { opened, open };
    gates.set(name, known);
  }
  return known;
}
