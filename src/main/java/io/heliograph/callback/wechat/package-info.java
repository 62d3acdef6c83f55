/**
 * WeChat's own kind of callbacks, on the JDK alone: what an official account tells of its users,
 * the client for its API, and the website login of the Open Platform.
 */
@NullMarked
package io.heliograph.callback.wechat;

import org.jspecify.annotations.NullMarked;
