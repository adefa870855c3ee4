/** A minimal client of the provider. Throws on every status without a definite answer, and leaves the retry to the caller. */

export async function send(userId, channel) {
  const { status } = await post(`users/send-verification/${userId}`, { type: channel });
  return { verified: status === 422 };
}

export async function confirm(userId, channel, code) {
  const { status, body } = await post(`users/verify/${userId}`, { type: channel, otp: code });
  return { correct: status === 422 || body.data.success };
}

async function post(path, body) {
  const reply = await fetch(`${process.env.PROVIDER}/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!reply.ok && reply.status !== 422) throw new Error(`the provider answered ${reply.status}`);
  return { status: reply.status, body: await reply.json() };
}
