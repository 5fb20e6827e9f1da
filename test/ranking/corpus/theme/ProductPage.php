<?php

namespace Lantern\Theme;

/** HTML of one product. */
final class ProductPage
{
    public function __construct(private array $product)
    {
    }

    public function render(): string
    {
        $name = htmlspecialchars($this->product['name']);
        $price = $this->formatPrice($this->product['cents']);
        return "<article><h1>$name</h1><p>$price</p></article>";
    }

    /** Cents as the customer reads them, with a decimal comma. */
    private function formatPrice(int $cents): string
    {
        return number_format($cents / 100, 2, ',', '.') . ' €';
    }
}
