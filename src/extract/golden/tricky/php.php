<?php
declare(strict_types=1);
namespace App\Models;

use Foo\{Bar, Baz as Qux};
use function Foo\helper;

/** Doc. */
#[Attribute(Attribute::TARGET_CLASS)] // note ]
#[Other]
abstract class User extends Base implements \JsonSerializable, Countable
{
    use SoftDeletes, Loggable { log as protected traitLog; }
    public const int MAX = 10, MIN = 1;
    private static ?array $cache = [], $other;
    public readonly string $name;
    public string $full { get => $this->a . $this->b; set(string $v) { $this->a = $v; } }
    public function __construct(private readonly Logger $logger, protected ?int $age = null, #[SensitiveParameter] public string $pass = "(", int $plain = 1) {}
    abstract protected function area(float ...$xs): ?float;
    public static function make(array|string &$a, callable $f = null, int $x = self::MAX * (1 + 2)): static|null { $fn = fn($q) => $q; $g = function ($r) use ($a) { return $r; }; return new class($a) extends User { public $inner = 1; public function area(float ...$xs): ?float { return 1; } }; }
    final public function &ref() { function nested() {} }
    public function list() {} public function print(): void {}
}
trait Loggable { protected int $level = 1; public function log(string $m): void {} abstract function id(); }
interface Shape { const SIDES = 4; public function area(): float; }
enum Suit: string implements HasLabel { case Hearts = 'H'; case Spades = 'S'; const Wild = self::Spades; public static function rand(): self { return self::Hearts; } }
enum Status { case On; case Off; }
function top(int $a = 1, &...$rest): void {}
const A = 1, B = [1, 2];
define('LEGACY', 5);
$double = function (int $x) use ($y): int { return $x * 2; };
$arrow = fn($x) => $x;
if (!function_exists('cond')) { function cond() {} }
$obj = new class { private $z; public function run() {} };
class one_line { var $old; function one_line() {} }
abstract class A2 { abstract function m(); }
