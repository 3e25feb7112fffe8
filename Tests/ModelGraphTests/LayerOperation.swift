@testable import ModelGraph

/// What a layer computes, for files that import Foundation, which has an `Operation` of its own.
typealias LayerOperation = Operation
