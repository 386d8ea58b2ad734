/** Moves the focus to the view, past the header. */
export function focusContent(): void {
  document.getElementById('main')?.focus();
}
