{-# LANGUAGE ScopedTypeVariables #-}
-- | Numbers that remember.
module Calc.Numbers
  ( Calculator (..)
  , addNumbers
  , module Data.List
  ) where

import Control.Monad (forM_, when)
import qualified Data.Map.Strict as Map
import Data.List hiding (insert)

-- | Something that adds.
class Show a => Addable a where
  add :: a -> a -> a
  zero :: a
  zero = undefined

-- | A calculator
-- with a history.
data Calculator a
  = Calculator { total :: a, history :: [a] }
  | Empty
  deriving (Show, Eq)

newtype Wrapper a = Wrapper { unwrap :: a }

type Operation = Int -> Int -> Int

type family Element c

instance Addable Int where
  add = (+)

instance Show a => Show (Wrapper a) where
  show (Wrapper a) = "Wrapper " ++ show a

-- | Adds two numbers.
addNumbers :: Int -> Int -> Int
addNumbers a b = a + b

safeDivide :: Double -> Double -> Maybe Double
safeDivide _ 0 = Nothing
safeDivide a b
  | b < 0 = Nothing
  | otherwise = Just (a / b)

fibonacci :: Int -> Int
fibonacci n = case n of
  0 -> 0
  1 -> 1
  _ -> fibonacci (n - 1) + fibonacci (n - 2)

infixl 6 <+>
(<+>) :: Int -> Int -> Int
a <+> b = multiply a b

multiply, divide :: Int -> Int -> Int
multiply a b = a * b
divide a b = if b == 0 then 0 else div a b

maxValue :: Int
maxValue = 100

fetchData :: String -> IO ()
fetchData url = do
  let helper x = x
  when (null url) $ putStrLn "nothing"
  print (helper url)
  where
    retry = fetchData url
