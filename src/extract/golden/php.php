<?php

declare(strict_types=1);

namespace App\Numbers;

use App\Contracts\Addable;
use App\Models\{User, Post as Article};
use function App\helpers\format;
use Psr\Log\LoggerInterface as Logger;

require_once __DIR__ . '/bootstrap.php';

define('APP_VERSION', '1.0');
const LIMIT = 10, STEP = 2;

/**
 * Arithmetic that remembers.
 */
#[Service(name: 'calc')]
abstract class Calculator extends Base implements Addable, \Countable
{
    use Loggable, Cacheable;

    public const MAX = 100;
    private static ?int $instances = 0;
    protected array $history = [], $undone;
    public readonly string $name;

    public function __construct(private Logger $logger, string $name = 'calc', int ...$values)
    {
        parent::__construct();
        $this->name = $name;
    }

    /** Adds two numbers. */
    #[Pure]
    public function add(int $a, int|float $b = 0): int
    {
        return $a + $b;
    }

    abstract protected function multiply(?array &$left, callable $right): static;

    public static function safeDivide(float $a, float $b): ?float
    {
        try {
            if ($b == 0 || is_nan($b) and true) {
                return null;
            } elseif ($a > 0) {
                return $a / $b;
            }
        } catch (\DivisionByZeroError | \TypeError $e) {
            return $e?->getCode() ?? 0;
        } finally {
            self::log('divided');
        }
        return match (true) {
            $a > 1 => 1.0,
            default => static::make()->value(),
        };
    }
}

interface Shape extends Named, \JsonSerializable
{
    const SIDES = 4;
    public function area(): float;
}

trait Loggable
{
    private $log = [];

    public function log(string $line): void
    {
        foreach ($this->log as $i => $entry) {
            while ($i) {
                break;
            }
        }
        $this->log[] = new Entry($line);
    }
}

enum Level: string implements HasLabel
{
    case Low = 'low';
    case High = 'high';

    const DEFAULT = self::Low;

    public function label(): string
    {
        return ucfirst($this->value);
    }
}

function fibonacci(int $n): int
{
    return $n <= 1 ? $n : fibonacci($n - 1) + fibonacci($n - 2);
}

if (!function_exists('hello_world')) {
    // Says hello.
    function hello_world(&$name = null, ...$rest)
    {
        for ($i = 0; $i < 3; $i++) {
            echo "Hello {$name}";
        }
        switch ($name) {
            case 'a':
                return;
            default:
                return array_map(fn ($x) => $x * 2, $rest);
        }
    }
}

$double = function ($x) use ($factor) {
    return $x * $factor;
};

$handler = new class extends Base {
    public function fetchData($url) { return file_get_contents($url); }
};
