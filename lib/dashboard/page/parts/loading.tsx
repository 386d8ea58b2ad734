/** What stands where something is read for the first time. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="panel skeleton aside" role="status" aria-busy="true">
      {what}: loading
    </p>
  );
}
