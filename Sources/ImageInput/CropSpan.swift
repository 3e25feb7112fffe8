/// Where a center crop lies along one axis, as torchvision's `center_crop` places it.
struct CropSpan: Hashable {
    /// The pixels of the resized axis that the crop shows.
    let visible: Range<Int>
    /// Zeros before them, where the axis is shorter than the crop.
    let padding: Int

    /// The span of a crop of `crop` pixels out of `length`. The offset is rounded half to even; padding is rounded down.
    init(of crop: Int, in length: Int) {
        if crop > length {
            visible = 0..<length
            padding = (crop - length) / 2
        } else {
            let offset = Int((Double(length - crop) / 2).rounded(.toNearestOrEven))
            visible = offset..<offset + crop
            padding = 0
        }
    }
}
