/**
 * QR login: a browser shows a code, a phone confirms, and exactly that browser is told. The
 * ticket's state lives in a store with compare-and-set; whatever is pushed only says that it
 * changed.
 */
@NullMarked
package io.heliograph.login;

import org.jspecify.annotations.NullMarked;
