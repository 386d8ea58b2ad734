/**
 * What the link in the mail opens. The page asks for a click, because mail scanners
 * open links too: one would use the token up before its user does.
 *
 * @param token has passed validation and needs no escaping
 */
export function verificationPage(token: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<title>Verify your email</title>
<form method="post" action="/verify">
  <input type="hidden" name="token" value="${token}">
  <button>Verify my email</button>
</form>
`;
}
