/** Four threads, one monitor, all the work inside it. */
public class Contend {
    private static long total;

    private static synchronized void work() {
        for (int i = 0; i < 400_000; i++)
            total += i % 7 * total % 11;
    }

    public static void main(String[] args) throws Exception {
        Thread[] threads = new Thread[4];
        for (int t = 0; t < threads.length; t++) {
            threads[t] = new Thread(() -> {
                for (int i = 0; i < 60; i++)
                    work();
            });
            threads[t].start();
        }
        for (Thread t : threads)
            t.join();
        System.out.println(total);
    }
}
