/** The conversation with any client and who may begin one, without sockets, JSON or HTTP. */
@NullMarked
package io.heliograph.client;

import org.jspecify.annotations.NullMarked;
