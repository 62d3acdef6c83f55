package io.heliograph.broker.redis;

import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends each connection to Redis on which nothing comes back for what was sent. A firewall that
 * forgot the connection, or a machine that is gone without a word, leaves it open for a quarter of
 * an hour; ended, it is replaced by Lettuce at once, which asks anew where Redis is. So are, when
 * told, all connections to a server that still answers and is the master no more.
 */
final class StaleConnectionCloser implements NettyCustomizer {

  private static final Logger log = LoggerFactory.getLogger(StaleConnectionCloser.class);

  private final Duration patience;

  /** Of this process; each leaves by itself when it is closed. */
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

  /**
   * @param patience longer than any command may take
   */
  StaleConnectionCloser(Duration patience) {
    this.patience = patience;
  }

  @Override
  public void afterChannelInitialized(Channel channel) {
    open.add(channel);
    // First: it is to see what comes from the network, whatever is made of it.
    channel.pipeline().addFirst(new Watch(patience));
  }

  /** Ends every connection, whether it answers or not. From any thread; blocks nobody. */
  void hangUp() {
    open.close();
  }

  /** On the connection's own thread. */
  private static final class Watch extends ChannelDuplexHandler {
    private final Duration patience;
    private boolean waiting;
    private long heardNanos;

    Watch(Duration patience) {
      this.patience = patience;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
        throws Exception {
      if (!waiting) {
        waiting = true;
        lookAgain(context, System.nanoTime());
      }
      super.write(context, message, promise);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
      waiting = false;
      heardNanos = System.nanoTime();
      super.channelRead(context, message);
    }

    private void lookAgain(ChannelHandlerContext context, long sentNanos) {
      context
          .executor()
          .schedule(
              () -> {
                boolean silent = waiting && heardNanos - sentNanos < 0;
                if (silent && context.channel().isActive()) {
                  log.warn("A line to Redis is dead, replacing it");
                  context.close();
                }
              },
              patience.toNanos(),
              TimeUnit.NANOSECONDS);
    }
  }
}
