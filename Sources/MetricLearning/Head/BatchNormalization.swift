import Tensors

/// Batch normalization of a layer's columns in training, with scale, shift and ReLU in the same pass (Ioffe and Szegedy
/// 2015; numbers as `torch.nn.BatchNorm1d` followed by `ReLU`).
///
/// Work is split by columns, a cache-sized strip each, and every column is summed from the first row to the last: results
/// do not depend on the number of threads.
enum BatchNormalization {
    /// Added to the variance before the root; PyTorch's default.
    static let epsilon: Float = 1e-5

    /// From the linear outputs, `product` or what is in `layer.normalized`: the moments of each column, the normalized values (in
    /// place) and `activation = scale * normalized + shift`, with negative values set to 0 where `rectified`. The moments are those
    /// of the whole batch where the rows are a `share` of it.
    static func forward(
        _ layer: inout HeadWorkspace.Layer, of product: PendingProduct? = nil, scale: Matrix, shift: Matrix,
        rectified: Bool, share: BatchShare? = nil
    ) {
        if let share { measure(&layer, product, share) }
        let (rows, columns) = (layer.normalized.rows, layer.normalized.columns)
        layer.normalized.withUnsafeMutableElements { values in
            layer.activation.withUnsafeMutableElements { outputs in
                layer.moments.withUnsafeMutableElements { moments in
                    scale.withUnsafeElements { scale in
                        shift.withUnsafeElements { shift in
                            ColumnStrip.forEach(rows: rows, columns: columns, of: share == nil ? product : nil, values)
                            {
                                strip in
                                if share == nil { strip.measure(values, moments: moments) }
                                strip.normalize(values, moments: moments)
                                strip.transform(
                                    values, scale: scale, shift: shift, floor: rectified ? 0 : -.infinity,
                                    into: outputs)
                            }
                        }
                    }
                }
            }
        }
    }

    /// Turns the derivative by the activation, `product` or what is in `layer.delta`, into the one by the linear output, in
    /// `layer.delta`: `scale / deviation * (d - mean(d) - normalized * mean(d * normalized))` with d = delta behind the ReLU, and
    /// writes the derivatives by scale, `sum(d * normalized)`, and shift, `sum(d)`, to `layer.slopes`.
    ///
    /// Where dropout followed the ReLU, what it set to 0 lets nothing through either, and `keep` is what it raised the others by.
    /// Means and sums are over the whole batch where the rows are a `share` of it.
    static func backward(
        _ layer: inout HeadWorkspace.Layer, of product: PendingProduct? = nil, scale: Matrix, rectified: Bool,
        keep: Float = 1, share: BatchShare? = nil
    ) {
        if let share { sumSlopes(&layer, product, rectified, keep, share) }
        let (rows, columns) = (layer.delta.rows, layer.delta.columns)
        let batch = share?.count ?? rows
        layer.delta.withUnsafeMutableElements { delta in
            layer.slopes.withUnsafeMutableElements { slopes in
                layer.activation.withUnsafeElements { outputs in
                    layer.normalized.withUnsafeElements { values in
                        layer.moments.withUnsafeElements { moments in
                            scale.withUnsafeElements { scale in
                                ColumnStrip.forEach(
                                    rows: rows, columns: columns, of: share == nil ? product : nil, delta
                                ) {
                                    strip in
                                    if share == nil {
                                        if rectified { strip.mask(delta, where: outputs, factor: keep) }
                                        strip.sum(delta, values, into: slopes)
                                    }
                                    strip.propagate(
                                        delta, values, slopes, moments: moments, scale: scale, batch: batch)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Passes over a part of a batch, with sums over all processes between them.
extension BatchNormalization {
    /// The moments of the whole batch: the same two passes as over all rows of one process.
    private static func measure(
        _ layer: inout HeadWorkspace.Layer, _ product: PendingProduct?, _ share: BatchShare
    ) {
        if let product { layer.normalized.withUnsafeMutableElements { product.compute(into: $0) } }
        let (rows, columns) = (layer.normalized.rows, layer.normalized.columns)
        var (means, variances) = (Matrix(rows: 1, columns: columns), Matrix(rows: 1, columns: columns))
        layer.normalized.withUnsafeElements { values in
            means.withUnsafeMutableElements { means in
                ColumnStrip.forEach(rows: rows, columns: columns) { $0.sum(values, into: means) }
                share.group.sum(means)
                ColumnStrip.forEach(rows: rows, columns: columns) { $0.divide(means, by: share.count) }
                variances.withUnsafeMutableElements { variances in
                    ColumnStrip.forEach(rows: rows, columns: columns) {
                        $0.sumSquares(values, from: UnsafeBufferPointer(means), into: variances)
                    }
                    share.group.sum(variances)
                    layer.moments.withUnsafeMutableElements { moments in
                        _ = moments.update(fromContentsOf: means)
                        _ = moments.extracting(columns...).update(fromContentsOf: variances)
                        ColumnStrip.forEach(rows: rows, columns: columns) { $0.invert(moments, batch: share.count) }
                    }
                }
            }
        }
    }

    /// The slopes of the whole batch, from `layer.delta`, which then is what passed the ReLU.
    private static func sumSlopes(
        _ layer: inout HeadWorkspace.Layer, _ product: PendingProduct?, _ rectified: Bool, _ keep: Float,
        _ share: BatchShare
    ) {
        if let product { layer.delta.withUnsafeMutableElements { product.compute(into: $0) } }
        let (rows, columns) = (layer.delta.rows, layer.delta.columns)
        layer.delta.withUnsafeMutableElements { delta in
            layer.slopes.withUnsafeMutableElements { slopes in
                layer.activation.withUnsafeElements { outputs in
                    layer.normalized.withUnsafeElements { values in
                        ColumnStrip.forEach(rows: rows, columns: columns) { strip in
                            if rectified { strip.mask(delta, where: outputs, factor: keep) }
                            strip.sum(delta, values, into: slopes)
                        }
                    }
                }
                share.group.sum(slopes)
            }
        }
    }
}
