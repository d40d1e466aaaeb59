// The client of Faye, an implementation of Bayeux that shares no code with CometD.
// node faye.cjs URL USER TRANSPORT
'use strict';
const faye = require('faye');
const [url, user, transport] = process.argv.slice(2);
const tell = (what) => console.log(JSON.stringify(what));

const client = new faye.Client(url);
// It always shakes hands over HTTP and then prefers WebSocket.
if (transport !== 'websocket') client.disable('websocket');
client.setHeader('Authorization', `Bearer ${user}`);
client.addExtension({
  incoming: (message, pass) => {
    if (message.channel === '/meta/handshake') tell({handshake: message.successful, error: message.error});
    pass(message);
  },
});
client.subscribe('/v2/me/*').withChannel((channel, data) => tell({event: data, channel}))
    .then(() => tell({subscribed: true, transport: client._dispatcher.connectionType}), (error) => tell({subscribed: false, error: error.message}));
process.stdin.on('data', () => client.disconnect().then(() => process.exit(0)));
