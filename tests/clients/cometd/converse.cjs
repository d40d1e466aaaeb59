// What every official client is asked to do: connect as USER, subscribe to /v2/me/*, and tell on standard output, one JSON
// object a line, what it hears. A line "quit" on standard input makes it disconnect and leave.
'use strict';
const tell = (what) => console.log(JSON.stringify(what));

module.exports = (client, {ack, timesync, types}) => {
  const [url, user, transport, ...extensions] = process.argv.slice(2);
  for (const type of types) if (!transport.split(',').includes(type)) client.unregisterTransport(type);
  if (extensions.includes('ack')) client.registerExtension('ack', ack());
  const clock = timesync();
  if (extensions.includes('timesync')) client.registerExtension('timesync', clock);

  // A browser sends its cookies with the upgrade; outside of one they have to be put there.
  const Socket = global.window.WebSocket;
  global.window.WebSocket = class extends Socket {
    constructor(address) {
      super(address, [], {headers: {Cookie: `user=${user}`}});
    }
  };
  client.configure({
    url,
    logLevel: 'error',
    requestHeaders: {Authorization: `Bearer ${user}`},
    backoffIncrement: 100,
    maxBackoff: 500,
  });
  let subscription = null;
  client.addListener('/meta/handshake', (reply) => {
    tell({handshake: reply.successful, error: reply.error});
    if (!reply.successful) return;
    client.batch(() => {
      if (subscription) client.unsubscribe(subscription);
      subscription = client.subscribe(
          '/v2/me/*',
          (event) => tell({event: event.data, channel: event.channel}),
          (answer) => tell({subscribed: answer.successful}),
      );
    });
  });
  client.addListener('/meta/connect', (reply) => tell({connect: reply.successful, error: reply.error}));
  client.handshake();
  process.stdin.on('data', () => {
    tell({transport: client.getTransport().getType ? client.getTransport().getType() : client.getTransport().type});
    if (extensions.includes('timesync')) tell({offset: clock.getTimeOffset()});
    client.disconnect(() => process.exit(0));
  });
};
