// Makes a Node.js server listen on loopback instead of all interfaces: `node --require loopback.cjs ...`.
'use strict';

const { Server } = require('node:net');

const listen = Server.prototype.listen;

Server.prototype.listen = function (port, ...rest) {
  const everywhere = typeof port !== 'object' && typeof rest[0] !== 'string';
  return everywhere ? listen.call(this, port, '127.0.0.1', ...rest) : listen.call(this, port, ...rest);
};
