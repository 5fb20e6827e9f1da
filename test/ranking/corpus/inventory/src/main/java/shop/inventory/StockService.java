package shop.inventory;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts what can still be sold and reserves it for orders. */
public class StockService {
    private final Map<String, Integer> available = new ConcurrentHashMap<>();

    /** Reserves goods for an order so that nobody else can buy them. */
    public void reserve(String sku, int quantity) throws OutOfStockException {
        int left = available.getOrDefault(sku, 0) - quantity;
        if (left < 0) {
            throw new OutOfStockException(sku, quantity);
        }
        available.put(sku, left);
    }

    /** Puts returned goods back. */
    public void restock(String sku, int quantity) {
        available.merge(sku, quantity, Integer::sum);
    }
}
