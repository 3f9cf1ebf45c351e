import java.util.concurrent.ArrayBlockingQueue;

/** Two threads make things, two use them up; in between there is room for a few. */
public class Queue {
    private static final ArrayBlockingQueue<Long> queue = new ArrayBlockingQueue<>(4);

    private static long compute(long seed) {
        long n = seed;
        for (long i = 0; i < 1_000_000; i++)
            n += i % 7;
        return n;
    }

    public static void main(String[] args) throws Exception {
        Thread[] threads = new Thread[4];
        for (int t = 0; t < threads.length; t++) {
            boolean makes = t % 2 == 0;
            threads[t] = new Thread(() -> {
                try {
                    for (long i = 0; i < 100; i++)
                        if (makes)
                            queue.put(compute(i));
                        else
                            compute(queue.take());
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            threads[t].start();
        }
        for (Thread t : threads)
            t.join();
    }
}
