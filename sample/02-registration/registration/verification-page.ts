/**
 * The page that the link in the mail opens. It requires a click, because mail scanners
 * follow links and would use up the token.
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
