/** Logs in and out, and says who looks. */

const found = (id: string) => document.getElementById(id) as HTMLElement;
const [who, form, leave] = [found('who'), found('login'), found('logout')];
const token = found('token') as HTMLInputElement;

async function show(): Promise<void> {
  const reply = await fetch('session');
  const isIn = reply.ok;
  form.hidden = isIn;
  leave.hidden = !isIn;
  if (!isIn) return;
  const { role, name } = (await reply.json()) as { role: string; name: string };
  who.textContent = `Logged in as ${role} ${name}.`;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const body = JSON.stringify({ token: token.value });
  const reply = await fetch('session', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  token.value = '';
  if (!reply.ok) who.textContent = ((await reply.json()) as { detail: string }).detail;
  await show();
});

leave.addEventListener('click', async () => {
  await fetch('session', { method: 'DELETE' });
  who.textContent = 'Logged out.';
  await show();
});

await show();
