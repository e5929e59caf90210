-- A path and all its parents: food/dairy/milk gives food, food/dairy and food/dairy/milk.
create or replace macro path_prefixes(path) as
    list_transform(
        range(1, len(string_split(path, '/')) + 1),
        lambda depth: array_to_string(string_split(path, '/')[1:depth], '/')
    );
