{-# LANGUAGE GADTs #-}
module A.B (run, Shape(..), (<+>), module X) where

import qualified Data.Map as M
import Data.List (sort, (\\))

-- | Doc
data Shape a = Circle { radius :: Double, center :: (a, a) } | Square Double | Empty
  deriving (Show, Eq)
data Gadt a where
  IntG :: Int -> Gadt Int
  BoolG :: { flag :: Bool } -> Gadt Bool
newtype Wrapper f a = Wrapper { unwrap :: f a } deriving newtype Show
type Alias = Int
type family Fam a where
  Fam Int = Bool
class (Eq a, Show a) => Container f a | f -> a where
  type Elem f
  empty :: f a
  insert, delete :: a -> f a -> f a
  insert x = id
  (<+>) :: f a -> f a -> f a
  {-# MINIMAL empty #-}
instance Show a => Container [] a where
  empty = []
  insert x xs = x : xs
  xs <+> ys = xs ++ ys
instance {-# OVERLAPPING #-} Num Vec where
  (+) (Vec a) (Vec b) = Vec (a + b)
  negate = id
deriving instance Ord (Shape a)

run :: forall a. Show a => a -> Int -> IO (Maybe Int)
run x 0 = pure Nothing
run x n
  | n > 1, let m = n = go m
  | otherwise = pure (Just n)
  where
    go :: Int -> IO (Maybe Int)
    go k = run x k
    helper = 1

infixl 6 <+>
(<+++>) :: Int -> Int -> Int
a <+++> b = a + b
x `plus` y = x + y
(q, w) = (1, 2)
[e, r] = [3, 4]
Just t = Just 5
constant :: Int
constant = 42
pointFree :: Int -> Int
pointFree = (+ 1) . (* 2)
noSig a b = a
a', b'' :: Int
a' = 1
b'' = 2
lambdaCase = \case { 1 -> 2; _ -> 3 }
foreign import ccall "sin" c_sin :: Double -> Double
pattern Pair a b = (a, b)
type role Wrapper nominal nominal
main :: IO ()
main = do
  let local x = x
  print (local 1)
  where loc = 2
default (Int)
op :: (Int -> Int) -> Int
op f = f 1; op2 g = g 2
data Void
data a :+: b = L a | R b
class Empty a
