/**
 * Where the world tells Heliograph that something happened: signed webhooks come in, are proved,
 * and move a login or push a message. Nothing of a body is read before its signature holds.
 */
@NullMarked
package io.heliograph.callback;

import org.jspecify.annotations.NullMarked;
