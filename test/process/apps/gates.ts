interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

const gates = new Map<string, Gate>();

/** Opens gates when the test says so; that does not keep the process alive. */
export function listenForGates(): void {
  process.on('message', ({ open }: { open?: string }) => {
    if (open !== undefined) gateOf(open).open();
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
